//! Values that a task sets for a time, and that go back to 0 by themselves.

use super::Hands;

/// What is on, and until when.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulses {
    /// Place in `drives`, group, first step at which it is off.
    on: Vec<(usize, usize, i64)>,
    /// The earliest of these steps.
    next: i64,
}

impl Pulses {
    /// Sets a value from step `now` to before step `until`; a pulse that is still on there is replaced.
    pub fn set(&mut self, drive: usize, group: usize, value: f64, until: i64, hands: &mut Hands) {
        match self.on.iter_mut().find(|(d, g, _)| (*d, *g) == (drive, group)) {
            Some(on) => on.2 = until,
            None if value == 0.0 => return,
            None => self.on.push((drive, group, until)),
        }
        hands.set.push((drive, group, value));
        self.next = self.on.iter().map(|on| on.2).min().unwrap_or(i64::MAX);
    }

    /// Sets back what is over at step `now`.
    pub fn step(&mut self, now: i64, hands: &mut Hands) {
        if self.on.is_empty() || now < self.next {
            return;
        }
        self.on.retain(|&(drive, group, until)| {
            if until <= now {
                hands.set.push((drive, group, 0.0));
            }
            until > now
        });
        self.next = self.on.iter().map(|on| on.2).min().unwrap_or(i64::MAX);
    }

    /// Is nothing on?
    pub fn is_empty(&self) -> bool {
        self.on.is_empty()
    }

    /// Sets back everything.
    pub fn clear(&mut self, hands: &mut Hands) {
        hands.set.extend(self.on.drain(..).map(|(drive, group, _)| (drive, group, 0.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_goes_back_and_a_second_one_prolongs_it() {
        let (mut pulses, mut hands) = (Pulses::default(), Hands::default());
        pulses.set(0, 1, 2.0, 10, &mut hands);
        pulses.set(0, 2, 0.0, 10, &mut hands);
        pulses.set(0, 1, 3.0, 12, &mut hands);
        for now in 0..20 {
            pulses.step(now, &mut hands);
        }
        assert_eq!(hands.set, [(0, 1, 2.0), (0, 1, 3.0), (0, 1, 0.0)]);
    }
}
