"""Tests of the loader; each name states the promise that it checks."""
