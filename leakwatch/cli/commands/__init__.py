"""The commands of `leakwatch`, one file each."""
