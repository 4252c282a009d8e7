//! Spikes of groups within the last steps.

/// Counts the spikes of each group in a sliding window.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    sizes: Vec<usize>,
    /// Spikes of the last steps, `[step % length][group]`.
    past: Vec<u32>,
    sums: Vec<u32>,
    at: usize,
}

impl Window {
    /// An empty window of `length` steps (at least 1) over groups of these sizes.
    pub fn new(sizes: &[usize], length: i64) -> Window {
        let length = length.max(1) as usize;
        Window { sizes: sizes.to_vec(), past: vec![0; length * sizes.len()], sums: vec![0; sizes.len()], at: 0 }
    }

    /// The spikes of one more step; the oldest step falls out.
    pub fn push(&mut self, seen: &[u32]) {
        let n = self.sizes.len();
        if n == 0 {
            return;
        }
        for (g, sum) in self.sums.iter_mut().enumerate() {
            let new = seen.get(g).copied().unwrap_or(0);
            let old = std::mem::replace(&mut self.past[self.at + g], new);
            *sum = *sum + new - old;
        }
        self.at += n;
        if self.at == self.past.len() {
            self.at = 0;
        }
    }

    /// Number of groups.
    pub fn groups(&self) -> usize {
        self.sizes.len()
    }

    /// Neurons of a group.
    pub fn size(&self, group: usize) -> usize {
        self.sizes.get(group).copied().unwrap_or(0)
    }

    /// Spikes in the window per neuron of the group; 0 for a group without neurons.
    pub fn share(&self, group: usize) -> f64 {
        match self.sizes.get(group) {
            Some(&size) if size > 0 => f64::from(self.sums[group]) / size as f64,
            _ => 0.0,
        }
    }

    /// Spikes in the window.
    pub fn count(&self, group: usize) -> u32 {
        self.sums.get(group).copied().unwrap_or(0)
    }
}

/// Notices when a group becomes active, once for each burst.
#[derive(Clone, Debug, Default)]
pub(super) struct Detector {
    /// What it looks at.
    pub window: Window,
    share: f64,
    refractory: i64,
    /// First step at which each group may be noticed again.
    free: Vec<i64>,
}

impl Detector {
    /// Notices a group whose spikes per neuron within `length` steps reach `share`, and then not again for `refractory` steps.
    pub fn new(sizes: &[usize], share: f64, length: i64, refractory: i64) -> Detector {
        // A burst that is still in the window is not a second one.
        Detector { window: Window::new(sizes, length), share, refractory: refractory.max(length), free: vec![i64::MIN; sizes.len()] }
    }

    /// The spikes of one more step.
    pub fn push(&mut self, seen: &[u32]) {
        self.window.push(seen);
    }

    /// Does the group become active at step `now`?
    pub fn notices(&mut self, group: usize, now: i64) -> bool {
        let active = self.free.get(group).is_some_and(|free| now >= *free) && self.window.share(group) >= self.share;
        if active {
            self.free[group] = now + self.refractory;
        }
        active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_counts_its_last_steps_only() {
        let mut window = Window::new(&[10, 4], 3);
        let shares: Vec<f64> = [5, 0, 1, 0, 0, 0]
            .into_iter()
            .map(|n| {
                window.push(&[n, 0]);
                window.share(0)
            })
            .collect();
        assert_eq!(shares, [0.5, 0.5, 0.6, 0.1, 0.1, 0.0]);
        assert_eq!((window.count(1), window.share(7)), (0, 0.0));
    }

    #[test]
    fn a_burst_is_noticed_once() {
        let mut detector = Detector::new(&[10], 0.4, 5, 10);
        let noticed: Vec<i64> = (0..40)
            .filter(|now| {
                detector.push(&[if now % 20 < 3 { 2 } else { 0 }]);
                detector.notices(0, *now)
            })
            .collect();
        assert_eq!(noticed, [1, 21]);
    }
}
