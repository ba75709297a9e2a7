"""nginx's static files: find the block, judge it, turn it on and off, and prove that it serves."""
