//! What to operate on: discovery, layers, profiles and validation of the configuration.
