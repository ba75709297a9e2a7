"""supervisord: its client, the programs' states, start, stop and restart, their usage, the verdict on a crash."""
