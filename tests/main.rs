//! The system tests of Tsugi: one target, one folder or file a subject.

mod project;
mod support;
mod warehouse;
