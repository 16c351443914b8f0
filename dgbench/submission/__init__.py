"""Submissions: bundles of predictions, checked and scored alike on client and server.

Nothing in a bundle is ever executed or unpickled. Never imports torch.
"""
