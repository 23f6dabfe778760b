//! Composes careful messages and writes them to an outbox.
