//! Reads CRM export files.
