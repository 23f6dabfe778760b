//! Generates the sample exports of an invented shoe brand.
