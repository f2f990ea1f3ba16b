"""Stands in for the package pyutil, which zfec's command line needs and Debian does not have."""
