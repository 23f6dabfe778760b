//! Reads ERP export files.
