//! Which messages say what was sent before, and to how many: known by their text, not by the label of
//! their template, and counted over all incidents.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CareError;
use super::known_text::{known_texts, words};
use super::messages::Message;
use crate::store::texts::{Said, SentText, load_texts, record_texts, sent_messages};
use tsugi_core::count::count;
use tsugi_pipeline::store::{Claim, MessageKey, Warehouse};

/// Messages of one text to more people than this always wait for a person.
pub(super) const REVIEW_OVER: u64 = 200;
/// A send this many times the largest one of the same text is unusual.
const UNUSUAL_TIMES: u64 = 3;

/// What is known of the messages of one delivery.
pub(super) struct Familiar {
    texts: Vec<SentText>,
    /// What each message says that is still to be sent, as a place in `texts`.
    said: BTreeMap<MessageKey, Option<usize>>,
    /// How many of them say each text.
    unsent: BTreeMap<usize, u64>,
}

impl Familiar {
    pub(super) async fn load<'m>(
        warehouse: &Warehouse,
        outgoing: impl Iterator<Item = &'m Message>,
    ) -> Result<Self, CareError> {
        let texts = load_texts(warehouse).await?;
        let sent = sent_messages(warehouse).await?;
        let (mut said, mut unsent) = (BTreeMap::new(), BTreeMap::new());
        for message in outgoing.filter(|message| !sent.contains(&message.key)) {
            let words = words(&message.text);
            let text = texts.iter().position(|sent| sent.text.is(&words));
            if let Some(text) = text {
                *unsent.entry(text).or_default() += 1;
            }
            said.insert(message.key.clone(), text);
        }
        Ok(Self {
            texts,
            said,
            unsent,
        })
    }

    /// Why a person must look at messages before they leave, as far as it lies in their texts and
    /// their number.
    pub(super) fn why(&self, group: &[&Message]) -> Vec<String> {
        let all = group.len() as u64;
        let mut why = Vec::new();
        if all > REVIEW_OVER {
            why.push(format!("more than {REVIEW_OVER} recipients"));
        }
        let (mut new, mut said) = (0_u64, BTreeSet::new());
        for message in group {
            match self.said.get(&message.key) {
                Some(Some(text)) => drop(said.insert(*text)),
                Some(None) => new += 1,
                None => {}
            }
        }
        match new {
            0 => {}
            new if new == all => why.push("a text that has never been sent".to_owned()),
            new => {
                let messages = count(new, "message");
                why.push(format!("{messages} with a text that has never been sent"));
            }
        }
        for text in said {
            let messages = self.unsent.get(&text).copied().unwrap_or_default();
            let sent = self.texts.get(text);
            let largest = sent.map_or(0, |sent| sent.largest);
            let unseen = sent.map_or(0, |sent| sent.unseen);
            if messages > REVIEW_OVER && all <= REVIEW_OVER {
                why.push(format!(
                    "more than {REVIEW_OVER} recipients of one text, over all incidents"
                ));
            }
            if unseen > 0 && messages + unseen > REVIEW_OVER && messages <= REVIEW_OVER {
                why.push(format!(
                    "more than {REVIEW_OVER} recipients of one text since a person looked at it: {unseen} before"
                ));
            }
            if messages > largest.saturating_mul(UNUSUAL_TIMES) {
                why.push(format!(
                    "unusually many: {messages}, where the largest send so far was {largest}"
                ));
            }
        }
        why
    }
}

/// Remembers what the texts of messages that were accepted have in common; of each it is known whether a person
/// approved it.
pub(super) async fn remember(
    warehouse: &Warehouse,
    claim: &Claim,
    accepted: &[(&Message, bool)],
) -> Result<(), CareError> {
    if accepted.is_empty() {
        return Ok(());
    }
    let known = load_texts(warehouse).await?;
    let mut texts: BTreeMap<String, Said> = BTreeMap::new();
    let mut note = |text: String, message: &Message, is_approved: bool| {
        let said = texts.entry(text).or_default();
        let incident = message.key.incident.clone();
        *said.incidents.entry(incident).or_default() += 1;
        said.is_seen |= is_approved;
        said.unseen += u64::from(!is_approved);
    };
    let mut new = Vec::new();
    for (message, is_approved) in accepted {
        let words = words(&message.text);
        match known.iter().find(|known| known.text.is(&words)) {
            Some(known) => note(known.text.stored(), message, *is_approved),
            None => new.push((words, message, *is_approved)),
        }
    }
    let common = known_texts(new.iter().map(|(words, ..)| words.as_slice()));
    for (words, message, is_approved) in &new {
        if let Some(text) = common.iter().find(|text| text.is(words)) {
            note(text.stored(), message, *is_approved);
        }
    }
    Ok(record_texts(warehouse, claim, &texts).await?)
}
