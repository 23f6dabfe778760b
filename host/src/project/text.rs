//! The text of a file that a person wrote.

pub use tsugi_core::file::read_bounded;
pub use tsugi_core::source_text::SourceText as Text;
