"""Recropping: a photo cut again from its original."""
