//! The engine: observe, plan, apply, wait.
