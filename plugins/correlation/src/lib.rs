//! Statistics that trace complaints to their cause.
