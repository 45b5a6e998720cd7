"""`ask -T webpage` and `-T webpage-free`: a document as a web page, drawn by us from its substance, or written by the model.

Knows how a model is asked for either; what a page looks like is `render/page`. Does not know what is in a document.
"""
