"""The console at an SSH login: a block in .bashrc, the scripts that it reads, and what became of them."""
