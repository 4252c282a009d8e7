"""What every driver of the distal reward task (E08) needs: the connections of the network, and when rewards come.

`Rewards` is the loop of the task.  A reward comes at least a second after what it is for, so a simulation may run a second at a time:
all rewards of the next second are known.
"""
import random


def connections(n_e, n_i, out_degree, seed):
    """Lists (pre, post) of excitatory and of inhibitory synapses, and the chosen pair.

    As in the author's program: targets are drawn with repetition, of all neurons for an excitatory one, of the excitatory ones for
    an inhibitory one.  Neurons from `n_e` on are inhibitory.  The chosen synapse is the first of neuron 0 onto an excitatory neuron
    that has no other synapse from it; its place in the excitatory list is the third result.
    """
    draw = random.Random(seed)
    excitatory = [(i, draw.randrange(n_e + n_i)) for i in range(n_e) for _ in range(out_degree)]
    inhibitory = [(i, draw.randrange(n_e)) for i in range(n_e, n_e + n_i) for _ in range(out_degree)]
    own = [j for i, j in excitatory[:out_degree]]
    chosen = next(k for k, j in enumerate(own) if 0 < j < n_e and own.count(j) == 1)
    return excitatory, inhibitory, chosen


class Rewards:
    """Times of rewards, in seconds, from the spikes of the two neurons of the chosen synapse."""

    def __init__(self, request):
        self.window, self.delay, self.dt = request["window"], request["delay"], request["dt"]
        self.draw = random.Random(1000 + request["seed"])
        self.times, self.last_pre = [], -1.0
        if request.get("random_rewards"):
            low, high = request["delay"][0], request["duration"]
            self.times = sorted(self.round(self.draw.uniform(low, high)) for _ in range(request["random_rewards"]))
        self.contingent = not request.get("random_rewards")

    def round(self, t):
        return round(t / self.dt) * self.dt

    def saw(self, pre, post):
        """Takes the spikes of another stretch: times in seconds of the presynaptic and of the postsynaptic neuron."""
        events = sorted([(round(t / self.dt), 1) for t in pre] + [(round(t / self.dt), 0) for t in post])
        for step, is_pre in events:
            if is_pre:
                self.last_pre = step
            elif self.contingent and self.last_pre >= 0 and 0 < step - self.last_pre < round(self.window / self.dt):
                self.times.append(self.round(step * self.dt + self.draw.uniform(*self.delay)))
                self.times.sort()

    def within(self, begin, end):
        """Rewards of a stretch."""
        return [t for t in self.times if begin <= t < end]
