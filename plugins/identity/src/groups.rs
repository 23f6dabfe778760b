//! Records of one person as a group: links join groups, the surest first, unless that would join what cannot be one.

use crate::evidence::{Evidence, Shared, conflict, weigh};
use crate::pairs::candidates;
use crate::record::PersonRecord;

/// More records of one person than this are a mistake of the data, and comparing them all would take long.
const GROUP_MAX: usize = 100;

/// A link between two records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    /// Places of the records.
    pub one: u32,
    pub other: u32,
    pub evidence: Evidence,
    /// None when the link holds; else why it does not join its records.
    pub held: Option<String>,
}

/// Links and what they come to.
#[derive(Debug, Default)]
pub(crate) struct Linked {
    /// Links that hold and links that a person may look at, by the places of their records.
    pub links: Vec<Link>,
    /// For each record the first record of its group.
    pub groups: Vec<u32>,
    pub passed_over: usize,
}

/// Links records whose score is at least `minimum`, and reports those of at least `review`; none when there are too many
/// pairs to compare.
#[must_use]
pub(crate) fn link(records: &[PersonRecord], minimum: f64, review: f64) -> Option<Linked> {
    let found = candidates(records)?;
    let shared = Shared::of(records);
    let mut links: Vec<Link> = Vec::new();
    for &(one, other) in &found.pairs {
        let (Some(own), Some(theirs)) = (records.get(one as usize), records.get(other as usize))
        else {
            continue;
        };
        let evidence = weigh(own, theirs, &shared);
        if evidence.score >= review.min(minimum) {
            links.push(Link {
                one,
                other,
                evidence,
                held: None,
            });
        }
    }
    links.sort_by(|one, other| {
        let places = (one.one, one.other).cmp(&(other.one, other.other));
        other
            .evidence
            .score
            .total_cmp(&one.evidence.score)
            .then(places)
    });
    let mut groups = Groups::of(records.len());
    for link in &mut links {
        link.held = if link.evidence.score < minimum {
            Some("the score is below the minimum".to_owned())
        } else {
            groups.join(records, link.one, link.other)
        };
    }
    links.sort_by_key(|link| (link.one, link.other));
    Some(Linked {
        links,
        groups: groups.firsts(),
        passed_over: found.passed_over,
    })
}

struct Groups {
    group_of: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Groups {
    fn of(records: usize) -> Self {
        let places = (0..).take(records);
        Self {
            group_of: places.clone().collect(),
            members: places.map(|at| vec![at]).collect(),
        }
    }

    /// Joins the groups of two records, or returns why not: through a chain of links, records may meet that cannot be one
    /// person (a mother's and a daughter's by the mailbox that both have used).
    fn join(&mut self, records: &[PersonRecord], one: u32, other: u32) -> Option<String> {
        let group = |at: u32| self.group_of.get(at as usize).map(|&group| group as usize);
        let (Some(own), Some(theirs)) = (group(one), group(other)) else {
            return Some("the record is not known".to_owned());
        };
        if own == theirs {
            return None;
        }
        let members = |group: usize| self.members.get(group).map_or(&[][..], Vec::as_slice);
        if members(own).len() + members(theirs).len() > GROUP_MAX {
            return Some(format!(
                "it would make a group of more than {GROUP_MAX} records"
            ));
        }
        for &a in members(own) {
            for &b in members(theirs) {
                let (Some(left), Some(right)) = (records.get(a as usize), records.get(b as usize))
                else {
                    continue;
                };
                if let Some(why) = conflict(left, right) {
                    return Some(format!(
                        "it would join {} and {}, which have {why}",
                        left.id, right.id
                    ));
                }
            }
        }
        // The group of the earlier record stays, so that a group is named by its first record.
        let (stays, goes) = (own.min(theirs), own.max(theirs));
        let moved = self
            .members
            .get_mut(goes)
            .map(std::mem::take)
            .unwrap_or_default();
        for &at in &moved {
            if let Some(group) = self.group_of.get_mut(at as usize) {
                *group = u32::try_from(stays).unwrap_or(u32::MAX);
            }
        }
        if let Some(members) = self.members.get_mut(stays) {
            members.extend(moved);
        }
        None
    }

    fn firsts(self) -> Vec<u32> {
        self.group_of
    }
}
