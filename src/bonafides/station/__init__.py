"""The service point: it reads a chip for somebody whose wallet cannot, and keeps nothing of it."""
