//! Offers of the person that contradict each other, or the offer of the message.

use crate::checks::{CheckInput, advertising};
use crate::message::reasons::{Reason, Weight};
use crate::offers::promises::group_by_kind;

/// Live offers of one kind with different terms contradict each other, so that an advertisement would
/// break a promise, unless an upgrade that a rule names resolves them.
pub(crate) fn reasons(input: &CheckInput<'_>) -> Vec<Reason> {
    let (target, settings) = (input.target, input.settings);
    let live = input
        .records
        .offers
        .iter()
        .filter(|offer| offer.is_live(settings.day));
    let campaign = target
        .values
        .get("offer_kind")
        .zip(target.values.get("offer_terms"));
    let promises = live
        .map(|offer| (offer.kind.as_str(), offer.terms.as_str()))
        .chain(campaign.map(|(kind, terms)| (kind.as_str(), terms.as_str())));
    let upgrades: Vec<_> = settings.rulebook.upgrades().collect();
    let mut reasons = Vec::new();
    for group in group_by_kind(promises, &upgrades)
        .into_iter()
        .filter(|group| group.terms.len() > 1)
    {
        let terms: Vec<&str> = group.terms.iter().map(String::as_str).collect();
        let pair = format!(
            "live offers of the kind {}: {}",
            group.kind,
            terms.join(" and ")
        );
        let notice = target.stated.purpose.is_notice();
        reasons.push(match (group.honour, advertising::weight(target)) {
            (Some(honour), _) => Reason::new(
                "offer-upgraded",
                Weight::Note,
                format!("{pair}, honour {honour}"),
            ),
            (None, Some(weight)) if !notice => Reason::new("offer-conflict", weight, pair),
            (None, _) => Reason::new(
                "offer-conflict",
                Weight::Note,
                format!("{pair}, for the front line to know"),
            ),
        });
    }
    reasons
}
