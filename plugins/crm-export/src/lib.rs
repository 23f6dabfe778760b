//! Reads CRM export files: the shared reader with the mappings of this plugin.

use tsugi_reading::config::Embedded;
use tsugi_reading::source::{ExportSource, Mappings};

/// The mappings that this plugin carries, the default first.
pub struct CrmMappings;

impl Mappings for CrmMappings {
    const EMBEDDED: &'static [Embedded] =
        &[("neutral-crm", include_str!("../mappings/neutral-crm.toml"))];
}

/// The source of this plugin.
pub type CrmExport = ExportSource<CrmMappings>;

tsugi_plugin::export! { manifest: "plugin.toml", source: CrmExport }
