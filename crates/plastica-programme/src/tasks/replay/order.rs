//! Ordered runs within a stretch of element bursts. Pure functions.

/// A burst of an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Burst {
    /// Which.
    pub element: usize,
    /// Step.
    pub at: i64,
}

/// What counts as a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rule {
    /// Elements of the template.
    pub elements: usize,
    /// The first follows the last.
    pub cyclic: bool,
    /// Shorter runs do not count.
    pub at_least: usize,
    /// So many bursts in order must lie within so many steps.
    pub within: i64,
}

/// How one burst follows another in the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The next element.
    Forward,
    /// The one before.
    Reverse,
    /// The one after the next.
    Skip,
    /// Anything else, and two bursts at once.
    Other,
}

impl Rule {
    /// How `b` follows `a`, if element `e` stands at place `place[e]` of the template.
    pub fn link(&self, a: Burst, b: Burst, place: &[usize]) -> Link {
        let (from, to) = (place[a.element], place[b.element]);
        if a.at == b.at {
            return Link::Other;
        }
        let ahead = |d: usize| if self.cyclic { (from + d) % self.elements == to } else { from + d == to };
        let behind = if self.cyclic { (to + 1) % self.elements == from } else { to + 1 == from };
        match () {
            _ if ahead(1) => Link::Forward,
            _ if behind => Link::Reverse,
            _ if ahead(2) => Link::Skip,
            _ => Link::Other,
        }
    }

    /// Calls `found` with each ordered run: first and last burst, and whether it runs forward. Runs are as long as they can be.
    pub fn runs(&self, bursts: &[Burst], place: &[usize], mut found: impl FnMut(usize, usize, bool)) {
        let mut first = 0;
        while first + 1 < bursts.len() {
            let direction = self.link(bursts[first], bursts[first + 1], place);
            let mut last = first;
            if matches!(direction, Link::Forward | Link::Reverse) {
                while last + 1 < bursts.len() && self.link(bursts[last], bursts[last + 1], place) == direction {
                    // The last few of the run, this one included, must be close together.
                    let earliest = (last + 2).saturating_sub(self.at_least).max(first);
                    if bursts[last + 1].at - bursts[earliest].at > self.within {
                        break;
                    }
                    last += 1;
                }
            }
            if last - first + 1 >= self.at_least {
                found(first, last, direction == Link::Forward);
            }
            // Where one run turns, the next begins.
            first = last.max(first + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { elements: 5, cyclic: false, at_least: 3, within: 80 };

    /// Bursts as (element, step); runs as (first, last, forward).
    fn check(rule: Rule, bursts: &[(usize, i64)], expected: &[(usize, usize, bool)]) {
        let bursts: Vec<Burst> = bursts.iter().map(|&(element, at)| Burst { element, at }).collect();
        let mut runs = Vec::new();
        rule.runs(&bursts, &[0, 1, 2, 3, 4], |a, b, forward| runs.push((a, b, forward)));
        assert_eq!(runs, expected);
    }

    #[test]
    fn runs_are_ordered_close_and_long_enough() {
        check(RULE, &[(0, 0), (1, 23), (2, 46), (3, 69), (4, 92)], &[(0, 4, true)]);
        check(RULE, &[(4, 0), (3, 10), (2, 20)], &[(0, 2, false)]);
        check(RULE, &[(0, 0), (1, 23)], &[]);
        check(RULE, &[(0, 0), (1, 41), (2, 81)], &[]);
        check(RULE, &[(0, 0), (1, 40), (2, 80)], &[(0, 2, true)]);
        check(RULE, &[(0, 0), (1, 10), (3, 20), (4, 30)], &[]);
        check(RULE, &[(0, 0), (1, 10), (2, 20), (1, 30), (0, 40)], &[(0, 2, true), (2, 4, false)]);
        check(RULE, &[(0, 0), (1, 0), (2, 20)], &[]);
        check(RULE, &[], &[]);
    }

    #[test]
    fn a_cycle_goes_round() {
        let bursts = [(3, 0), (4, 20), (0, 40)];
        check(RULE, &bursts, &[]);
        check(Rule { cyclic: true, ..RULE }, &bursts, &[(0, 2, true)]);
    }

    #[test]
    fn links_are_told_apart() {
        let link = |a, b, t| RULE.link(Burst { element: a, at: 0 }, Burst { element: b, at: t }, &[0, 1, 2, 3, 4]);
        assert_eq!((link(0, 1, 5), link(1, 0, 5), link(0, 2, 5)), (Link::Forward, Link::Reverse, Link::Skip));
        assert_eq!((link(0, 3, 5), link(0, 0, 5), link(0, 1, 0)), (Link::Other, Link::Other, Link::Other));
    }
}
