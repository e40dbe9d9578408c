"""The version, for modules that may not import the whole package."""

VERSION = "0.1.0"
