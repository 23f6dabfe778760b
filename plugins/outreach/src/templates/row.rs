//! One row of the approved library.

use std::borrow::Cow;

use tsugi_plugin::Row;

use crate::input::values::{Trimmed, Truth};

/// One row of the relation `templates`.
#[derive(Debug, Row)]
pub(crate) struct TemplateRow<'a> {
    pub(super) template_id: Option<Trimmed<'a>>,
    pub(super) version: Option<Trimmed<'a>>,
    pub(super) purpose: Option<Trimmed<'a>>,
    pub(super) language: Option<Trimmed<'a>>,
    pub(super) subject: Option<Cow<'a, str>>,
    pub(super) body: Option<Cow<'a, str>>,
    #[row(optional)]
    pub(super) certainty: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) channel: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) sender: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) sender_address: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) contact: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) refusal_link: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) fields: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) parts: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) open: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) logo: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) images: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) approved: Option<Truth>,
    #[row(optional)]
    pub(super) written_by: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) approved_by: Option<Trimmed<'a>>,
    #[row(optional)]
    pub(super) locked_hash: Option<Trimmed<'a>>,
}
