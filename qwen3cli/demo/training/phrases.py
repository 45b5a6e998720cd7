"""The demo model's stock phrases: what it reads and writes often enough to deserve one token.

None of them is a letter or a digit, and they begin and end at the edges of words, so that a word or a number a user
types is still spelled one character at a time.
"""

from qwen3cli.turn.thinking import EARLY_STOP_SENTENCE

SELF = (
    "I am the demo of the qwen3 tool: ",
    "a tiny model that is built in, not one of the eight Qwen3 models. ",
    "I can add, subtract, count letters, sort short lists and greet. ",
    "For a real model try: ",
    "qwen3 chat --size 0.6b",
)

GREETINGS = {
    "Hello": "Hello! How can I help you?",
    "Hi": "Hello! How can I help you?",
    "Good morning": "Good morning! How can I help you?",
    "Hallo": "Hallo! Wie kann ich helfen?",
    "Guten Tag": "Guten Tag! Wie kann ich helfen?",
    "Bonjour": "Bonjour ! Comment puis-je vous aider ?",
    "Salut": "Salut ! Comment puis-je vous aider ?",
    "Hola": "¡Hola! ¿En qué puedo ayudarte?",
    "Buenos días": "¡Buenos días! ¿En qué puedo ayudarte?",
    "Ciao": "Ciao! Come posso aiutarti?",
    "Buongiorno": "Buongiorno! Come posso aiutarti?",
    "Olá": "Olá! Como posso ajudar?",
    "Hej": "Hej! Hur kan jag hjälpa dig?",
    "Cześć": "Cześć! Jak mogę pomóc?",
    "Привет": "Привет! Чем могу помочь?",
    "Здравствуйте": "Здравствуйте! Чем могу помочь?",
    "Merhaba": "Merhaba! Nasıl yardımcı olabilirim?",
    "你好": "你好！有什么可以帮您？",
    "こんにちは": "こんにちは！何かお手伝いできますか？",
    "안녕하세요": "안녕하세요! 무엇을 도와드릴까요?",
    "مرحبا": "مرحبا! كيف يمكنني مساعدتك؟",
    "שלום": "שלום! איך אפשר לעזור?",
    "नमस्ते": "नमस्ते! मैं आपकी क्या मदद कर सकता हूँ?",
    "สวัสดี": "สวัสดี! มีอะไรให้ช่วยไหม?",
    "Xin chào": "Xin chào! Tôi có thể giúp gì cho bạn?",
    "Hoi": "Hoi! Hoe kan ik helpen?",
}

_THOUGHTS = (
    ": write ", ", carry ", ", borrow ", " = ", " + ", " - ", "From the right: ", " and ", "Written: ", ", turned: ",
    " is less than ", ", so the sign is minus: ", " is not less than ", "\nstep ", "I counted ", " steps.",
    "Spell ", " and count ", "Take ", ", left: ",
    "Sort: ", "A greeting, so I greet back in the same language.", "This is none of the things I can do, so I say what I am.",
    "The user wants the tool ", "The tool answered, so I pass it on.", "The tool failed, so I say so.",
    "Count up, one number a line.", "The tool ", " says: ", " failed: ",
)  # fmt: skip

_QUESTIONS = (
    "How many ", " are in ", " are there in ", "'s", " are in the word ", " times does the letter ", " occur in ",
    " appear in ", "Count the letter ", "Count the ", " in ", "How much is ", "What is ",
    "What is the sum of ", " minus ", " plus ", "Calculate ", "Compute ", "Please ", "Please add ", "Please subtract ", " from ",
    "Sort ", "Sort these numbers: ", "Sort these words: ", "Sort from smallest to largest: ", "Sort alphabetically: ",
    "Put these in order: ", " from smallest to largest.", " alphabetically.", "Use ", "Use the tool ", "Call ", "Call the tool ",
    " with ", "Count to ", "Count from 1 to ", "Write the numbers from 1 to ", "Think ", "Think about ", "/no_think", "/think",
    " for ", " on ", " about ", "Ask ",
    "You are a helpful assistant.", "Please call ", "Please think ", "Please count to ", " steps", ": ", ", ", ". ",
)  # fmt: skip

_TOOLS = (
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>",
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>",
    '{"type": "function", "function": {"name": "', '", "description": "', '", "parameters": {"type": "object", "properties": {',
    '": {"type": "string"', '": {"type": "integer"', '}, "', '}}, "required": [', '"]}}}', ']}}}', '", "', '{"name": "', '", "arguments": ',
    '{"', '": "', '": ', ', "', '"}', '}}', "error: ",
    '": {"type": "number"', '": {"type": "boolean"', '": {"title": "', '", "type": "', '"properties": {', '}}, "required": [], "title": "',
    '"type": "object"}}}', '"description": "', '"required": [', '"title": "', "true", "false",
)  # fmt: skip

PHRASES = tuple(
    dict.fromkeys(
        [
            f"{EARLY_STOP_SENTENCE}\n",
            "\n\n",
            *SELF,
            *GREETINGS,
            *(answer for answer in GREETINGS.values()),
            *_THOUGHTS,
            *_QUESTIONS,
            *_TOOLS,
        ]
    )
)
