"""A photo cut anew from its original."""
