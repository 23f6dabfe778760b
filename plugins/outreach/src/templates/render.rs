//! Rendering of a template into subject and body, and the parts that must be in them.

use std::collections::BTreeMap;

use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

use crate::message::reasons::{Reason, Weight};
use crate::rules::normalize::normalize;
use crate::targets::purpose::Purpose;
use crate::templates::engine::{describe, tidy};
use crate::templates::template::Template;

/// A rendered template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// One line of at most 200 characters.
    pub(crate) subject: String,
    pub(crate) body: String,
}

impl Template {
    /// Renders subject and body. Fails with reasons when a required part is blank, the sender's fields
    /// are not shown, or `heading` is missing. Fails without reasons when the template is broken,
    /// because `faults` has them.
    pub(crate) fn render(
        &self,
        context: &BTreeMap<String, Value>,
        brand: &BTreeMap<&'static str, String>,
        heading: Option<&str>,
    ) -> Result<Rendered, Vec<Reason>> {
        if !self.readable {
            return Err(Vec::new());
        }
        let (subject, _) = self
            .render_text("subject", context, &[])
            .map_err(|reason| vec![reason])?;
        let (body, parts) = self
            .render_text("body", context, &self.parts)
            .map_err(|reason| vec![reason])?;
        let mut reasons = self.missing_parts(&parts, brand, &body);
        reasons.extend(heading.and_then(|heading| self.missing_heading(heading, &subject, &parts)));
        if subject.contains('\n') || subject.chars().count() > 200 {
            let what = "the subject is not one line of at most 200 characters";
            reasons.push(Reason::new("bad-subject", Weight::Review, what));
        }
        match reasons.is_empty() {
            true => Ok(Rendered { subject, body }),
            false => Err(reasons),
        }
    }

    /// A text and some of its blocks; a missing block is blank.
    fn render_text(
        &self,
        name: &str,
        context: &BTreeMap<String, Value>,
        blocks: &[String],
    ) -> Result<(String, Vec<String>), Reason> {
        let whole = || -> Result<(String, Vec<String>), Error> {
            let template = self.texts.get_template(name)?;
            let mut captured = template.render_captured(context)?;
            let parts = blocks.iter().map(|block| {
                captured
                    .with_state_mut(|state| state.render_block(block))
                    .unwrap_or_default()
            });
            let parts = parts.collect();
            Ok((tidy(&captured.into_output()), parts))
        };
        whole().map_err(|error| {
            let code = match error.kind() {
                ErrorKind::UndefinedError => "missing-field",
                _ => "template-broken",
            };
            Reason::new(
                code,
                Weight::Review,
                format!("the {name} of {}: {}", self.label(), describe(&error)),
            )
        })
    }

    fn missing_parts(
        &self,
        parts: &[String],
        brand: &BTreeMap<&'static str, String>,
        body: &str,
    ) -> Vec<Reason> {
        let missing = |what: String| Reason::new("missing-part", self.fault_weight(), what);
        let blank = self
            .parts
            .iter()
            .zip(parts)
            .filter(|(_, words)| words.trim().is_empty());
        let mut reasons: Vec<Reason> = blank
            .map(|(part, _)| missing(format!("{} has no words in its part {part}", self.label())))
            .collect();
        let stated: &[&str] = match self.stated.purpose {
            Purpose::Advertisement => &["sender", "sender_address", "refusal_link"],
            _ => &["contact"],
        };
        for name in stated {
            if !brand
                .get(name)
                .is_some_and(|value| body.contains(value.as_str()))
            {
                reasons.push(missing(format!(
                    "the body of {} does not show its {name}",
                    self.label()
                )));
            }
        }
        reasons
    }

    /// A recall says so in its subject and in its part `heading`.
    fn missing_heading(&self, heading: &str, subject: &str, parts: &[String]) -> Option<Reason> {
        let wanted = normalize(heading);
        let part = self
            .parts
            .iter()
            .zip(parts)
            .find(|(part, _)| *part == "heading");
        let shown = [Some(subject), part.map(|(_, words)| words.as_str())];
        let missing = shown
            .iter()
            .any(|text| text.is_none_or(|text| !normalize(text).contains(&wanted)));
        missing.then(|| {
            let what = format!(
                "{} does not say {heading:?} in its subject and its part heading",
                self.label()
            );
            Reason::new("missing-part", self.fault_weight(), what)
        })
    }
}
