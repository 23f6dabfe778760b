//! How much marked weight can be reached from each node. Cycles are folded into one node first
//! (Tarjan 1972), then 64 marks at a time travel against the links in one pass.
#![allow(
    clippy::indexing_slicing,
    reason = "nodes and groups are numbered here, below the number of nodes"
)]

use super::graph::Links;

/// Something marked: its weight, and the nodes where it is found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// Its weight; below 0 speaks against.
    pub weight: f64,
    pub nodes: Vec<u32>,
}

/// The nodes in groups that lead to each other; groups are numbered so that a link never leads to
/// a higher number.
pub(crate) struct Groups {
    of_node: Vec<u32>,
    /// Nodes by group.
    order: Vec<u32>,
    starts: Vec<u32>,
}

/// The weights that each group reaches, above and below 0.
pub(crate) struct Reached {
    above: Vec<f64>,
    below: Vec<f64>,
}

const UNSEEN: u32 = u32::MAX;

/// What Tarjan's walk remembers of its way.
struct Walk {
    seen_at: Vec<u32>,
    low: Vec<u32>,
    of_node: Vec<u32>,
    open: Vec<u32>,
    way: Vec<(u32, u32)>,
    seen: u32,
    groups: u32,
}

impl Walk {
    fn enter(&mut self, node: u32) {
        let at = node as usize;
        (self.seen_at[at], self.low[at]) = (self.seen, self.seen);
        self.seen += 1;
        self.open.push(node);
        self.way.push((node, 0));
    }

    /// Goes one step on; every node index below is a node of the graph.
    fn step(&mut self, links: &Links, node: u32, followed: u32) {
        let at = node as usize;
        if let Some(&next) = links.from(node).get(followed as usize) {
            if let Some(top) = self.way.last_mut() {
                top.1 += 1;
            }
            if self.seen_at[next as usize] == UNSEEN {
                self.enter(next);
            } else if self.of_node[next as usize] == UNSEEN {
                self.low[at] = self.low[at].min(self.seen_at[next as usize]);
            }
            return;
        }
        self.way.pop();
        if let Some(&(before, _)) = self.way.last() {
            let before = before as usize;
            self.low[before] = self.low[before].min(self.low[at]);
        }
        if self.low[at] == self.seen_at[at] {
            while let Some(member) = self.open.pop() {
                self.of_node[member as usize] = self.groups;
                if member == node {
                    break;
                }
            }
            self.groups += 1;
        }
    }
}

impl Groups {
    pub(crate) fn of(links: &Links) -> Self {
        let nodes = links.nodes();
        let mut walk = Walk {
            seen_at: vec![UNSEEN; nodes],
            low: vec![0; nodes],
            of_node: vec![UNSEEN; nodes],
            open: Vec::new(),
            way: Vec::new(),
            seen: 0,
            groups: 0,
        };
        for root in 0..nodes as u32 {
            if walk.seen_at[root as usize] != UNSEEN {
                continue;
            }
            walk.enter(root);
            while let Some(&(node, followed)) = walk.way.last() {
                walk.step(links, node, followed);
            }
        }
        let mut starts = vec![0_u32; walk.groups as usize + 1];
        for group in &walk.of_node {
            starts[*group as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let (mut free, mut order) = (starts.clone(), vec![0; nodes]);
        for (node, group) in (0_u32..).zip(&walk.of_node) {
            let slot = &mut free[*group as usize];
            order[*slot as usize] = node;
            *slot += 1;
        }
        Self {
            of_node: walk.of_node,
            order,
            starts,
        }
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    fn members(&self, group: usize) -> &[u32] {
        match (self.starts.get(group), self.starts.get(group + 1)) {
            (Some(&first), Some(&end)) => {
                self.order.get(first as usize..end as usize).unwrap_or(&[])
            }
            _ => &[],
        }
    }

    fn group(&self, node: u32) -> usize {
        self.of_node
            .get(node as usize)
            .map_or(0, |group| *group as usize)
    }

    /// What each group reaches along the links, or is reached from when `backward`.
    pub(crate) fn reach(&self, links: &Links, marks: &[Mark], backward: bool) -> Reached {
        let groups = self.count();
        let (mut above, mut below) = (vec![0.0; groups], vec![0.0; groups]);
        let mut found = vec![0_u64; groups];
        for block in marks.chunks(64) {
            found.fill(0);
            for (bit, mark) in block.iter().enumerate() {
                for node in &mark.nodes {
                    if let Some(own) = found.get_mut(self.group(*node)) {
                        *own |= 1 << bit;
                    }
                }
            }
            self.travel(links, &mut found, backward);
            let (ups, downs) = (Sums::of(block, 1.0), Sums::of(block, -1.0));
            for ((bits, up), down) in found.iter().zip(&mut above).zip(&mut below) {
                if *bits != 0 {
                    *up += ups.of_bits(*bits);
                    *down += downs.of_bits(*bits);
                }
            }
        }
        Reached { above, below }
    }

    fn travel(&self, links: &Links, found: &mut [u64], backward: bool) {
        for turn in 0..self.count() {
            let group = if backward {
                self.count() - 1 - turn
            } else {
                turn
            };
            let mut bits = found[group];
            for node in self.members(group) {
                for &next in links.from(*node) {
                    let other = self.group(next);
                    if backward {
                        found[other] |= bits;
                    } else {
                        bits |= found[other];
                    }
                }
            }
            found[group] = bits;
        }
    }

    /// The weight above 0 and that below 0, without its sign, of a node.
    pub(crate) fn weight(&self, reached: &Reached, node: u32) -> (f64, f64) {
        let group = self.group(node);
        let of = |sums: &[f64]| sums.get(group).copied().unwrap_or(0.0);
        (of(&reached.above), of(&reached.below))
    }
}

/// Sums of the weights of up to 64 marks, by bytes of their bits.
struct Sums([[f64; 256]; 8]);

impl Sums {
    /// Of weights with this sign, as positive numbers.
    fn of(block: &[Mark], sign: f64) -> Box<Self> {
        let weight = |bit: usize| {
            block
                .get(bit)
                .map_or(0.0, |mark| (mark.weight * sign).max(0.0))
        };
        let mut sums = Box::new(Self([[0.0; 256]; 8]));
        for (byte, table) in sums.0.iter_mut().enumerate() {
            for bits in 1..256_usize {
                let lowest = bits.trailing_zeros() as usize;
                table[bits] = table[bits & (bits - 1)] + weight(byte * 8 + lowest);
            }
        }
        sums
    }

    fn of_bits(&self, bits: u64) -> f64 {
        let bytes = bits.to_le_bytes();
        self.0
            .iter()
            .zip(bytes)
            .map(|(table, byte)| table[usize::from(byte)])
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(links: &[(u32, u32)], nodes: usize, marks: &[Mark], backward: bool) -> Vec<f64> {
        let links = Links::of(nodes, links, false);
        let groups = Groups::of(&links);
        let reached = groups.reach(&links, marks, backward);
        (0..nodes as u32)
            .map(|node| groups.weight(&reached, node))
            .map(|(above, below)| above - below)
            .collect()
    }

    #[test]
    fn a_cycle_reaches_itself_and_what_hangs_on_it() {
        let links = [(0, 1), (1, 2), (2, 0), (2, 3), (4, 3)];
        let mark = |node, weight| Mark {
            weight,
            nodes: vec![node],
        };
        let marks = [mark(3, 2.0), mark(1, -0.5)];
        assert_eq!(weights(&links, 5, &marks, false), [1.5, 1.5, 1.5, 2.0, 2.0]);
        assert_eq!(
            weights(&links, 5, &marks, true),
            [-0.5, -0.5, -0.5, 1.5, 0.0]
        );
    }

    #[test]
    fn more_marks_than_bits_are_all_counted() {
        let links: Vec<(u32, u32)> = (0..200).map(|node| (node, node + 1)).collect();
        let marks: Vec<Mark> = (0..=200)
            .map(|node| Mark {
                weight: 1.0,
                nodes: vec![node],
            })
            .collect();
        let found = weights(&links, 201, &marks, false);
        let want: Vec<f64> = (0..=200)
            .rev()
            .map(|after| f64::from(after) + 1.0)
            .collect();
        assert_eq!(found, want);
    }
}
