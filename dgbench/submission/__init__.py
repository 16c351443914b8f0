"""Bundles of predictions, checked and scored by the same code on client and server.

Nothing in a bundle is ever executed or unpickled. Never imports torch.
"""
