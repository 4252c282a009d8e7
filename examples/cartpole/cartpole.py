"""A circuit learns to balance the pole of Gymnasium's CartPole with a three-factor rule.

    pip install plastica gymnasium && python examples/cartpole/cartpole.py

What is of the circuit: 162 place cells, one for each box of the four state variables (the boxes of Barto, Sutton and Anderson 1983), two
noisy action neurons that inhibit each other, and plastic synapses between them. A synapse keeps an eligibility of presynaptic before
postsynaptic spikes; dopamine turns it into weight.

What is of the trainer: the environment, and dopamine, which is the error of a prediction of reward (the adaptive critic of the same
paper, a table of one number for each box). The weights that choose are changed by the rule of the circuit alone.

Source: Barto AG, Sutton RS, Anderson CW (1983) IEEE Trans Syst Man Cybern 13:834-846, doi:10.1109/TSMC.1983.6313077.
"""

import gymnasium
import numpy as np

import plastica as pl

# The pole is looked at as often as it moves: every 20 ms.
LOOK_MS = 20
BOXES = [np.array(edges) for edges in ([-0.8, 0.8], [-0.5, 0.5], np.radians([-6, -1, 0, 1, 6]), np.radians([-50, 50]))]
SHAPE = tuple(len(edges) + 1 for edges in BOXES)


def box(state):
    """The number of the box in which a state lies, 0 to 161."""
    return int(np.ravel_multi_index([int(np.searchsorted(edges, x)) for edges, x in zip(BOXES, state, strict=True)], SHAPE))


def circuit(seed):
    """Place cells, action neurons, and the synapses that learn."""
    place = pl.Neuron("place", equations="dv/dt = drive/tau : 1\ndrive : 1", threshold="v > 1", reset="v = 0", parameters={"tau": "4 ms"})
    action = pl.Neuron(
        "action",
        equations="dv/dt = (bias - v)/tau + sigma*sqrt(2/tau)*xi : 1",
        threshold="v > 1",
        reset="v = 0",
        parameters={"tau": "10 ms", "sigma": 0.25, "bias": 1.1},
    )
    three_factor = pl.Synapse(
        "three_factor",
        doc="Presynaptic before postsynaptic spikes make a synapse eligible; dopamine turns that into weight.",
        equations="""
        w : 1
        DA : 1 (modulator)
        dx/dt = -x/tau_x : 1 (event-driven)
        de/dt = -e/tau_e : 1 (event-driven)
        """,
        on_pre="v_post += w; e -= alone; x += 1",
        on_post="e += x",
        on_interval={"every": f"{LOOK_MS} ms", "do": "w = clip(w + eta*DA*e, -w_max, w_max)"},
        parameters={"tau_x": "5 ms", "tau_e": "200 ms", "eta": 0.1, "alone": 0.3, "w_max": 0.5},
    )
    against = pl.Synapse("against", on_pre="v_post -= 1")
    boxes, choice = pl.Population("boxes", model=place, size=162), pl.Population("choice", model=action, size=2)
    learned = pl.Projection("learned", pre=boxes, post=choice, synapse=three_factor, connect="all_to_all")
    rivals = pl.Projection("rivals", pre=choice, post=choice, synapse=against, connect="all_to_all", autapses=False)
    return pl.Circuit(learned, rivals, pl.Modulator("DA", initial=0), dt="1 ms", seed=seed, name="cartpole")


class Balance(pl.Trainer):
    """A trial is one attempt to keep the pole up; its score is for how many looks that went well."""

    length, interval = "4 s", f"{LOOK_MS} ms"

    def __init__(self, seed, learns=True):
        self.env = gymnasium.make("CartPole-v1", max_episode_steps=200)
        self.env.reset(seed=seed)
        self.learns = learns
        self.coin = np.random.default_rng(seed)
        self.value, self.trace = np.zeros(162), np.zeros(162)

    def before(self, sim, trial):
        state, _ = self.env.reset()
        self.kept, self.trace[:] = 0, 0
        self.look(sim, box(state))

    def look(self, sim, number):
        """The place cell of the present box fires, and no other."""
        self.box = number
        sim.boxes.drive = np.arange(162) == number
        self.counts = sim.choice.counts

    def step(self, sim):
        left, right = sim.choice.counts - self.counts
        action = int(right > left) if left != right else int(self.coin.integers(2))
        state, _, fell, over, _ = self.env.step(action)
        self.kept += 1
        self.trace *= 0.8
        self.trace[self.box] += 0.2
        number = box(state)
        error = (-1.0 if fell else 0.95 * self.value[number]) - self.value[self.box]
        self.value += 0.5 * error * self.trace
        sim.modulators["DA"] = error if self.learns else 0.0
        self.look(sim, number)
        return fell or over

    def score(self, sim):
        # One more look, so that what was learned from the fall reaches the weights; then the traces fade.
        sim.boxes.drive = 0
        sim.run(f"{LOOK_MS} ms")
        sim.modulators["DA"] = 0.0
        sim.run("500 ms")
        return {"return": self.kept}


def attempt(seed, learns, trials=80):
    """How long each of so many attempts lasted."""
    return [trial["return"] for trial in circuit(seed).build().train(Balance(seed, learns), trials)]


if __name__ == "__main__":
    for seed in range(1, 6):
        learned, untrained = attempt(seed, True), attempt(seed, False)
        print(f"seed {seed}: the first 20 attempts {np.mean(learned[:20]):.0f}, the last 20 {np.mean(learned[-20:]):.0f}, without dopamine {np.mean(untrained[-20:]):.0f}")
