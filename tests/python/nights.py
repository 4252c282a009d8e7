"""The study of the tutorial `a first night of sleep`, built of objects."""

import plastica as pl


def first_night(subjects=5):
    """Two groups learn pairs of words in the evening; one sleeps, the other stays awake."""
    reader = pl.Neuron("reader", equations="drive : 1", threshold="drive > 0 or rand() < dreams*dt", parameters={"dreams": "0 Hz"})
    cell = pl.Neuron(
        "cell",
        equations="""
        dv/dt = (-v + I + drive)/(20*ms) + 0.4*mV*sqrt(1/ms)*xi : volt (unless refractory)
        dI/dt = -I/(5*ms) : volt
        drive : volt
        group : 1 (constant)
        """,
        threshold="v > 15*mV",
        reset="v = 0*mV",
        refractory="5 ms",
    )
    rule = pl.Synapse(
        "memory",
        equations="""
        w : 1
        dx/dt = -x/(50*ms) : 1 (event-driven)
        dy/dt = -y/(50*ms) : 1 (event-driven)
        acceleration : 1 (modulator)
        """,
        on_pre="I_post += g*w; x += 1; w = max(w - 0.3*eta*acceleration*y*w, 0)",
        on_post="w = min(w + eta*acceleration*x*(1 - w), 1); y += 1",
        on_interval={"every": "60 s", "do": "w += (w_0 - w)*60*second/tau_forget"},
        parameters={"g": "20 mV", "eta": 0.02, "w_0": 0.2, "tau_forget": "36000 s"},
    )
    readers = pl.Population("reader", model=reader, size=2)
    words, answers = (pl.Population(name, model=cell, size=40, parameters={"group": "i // 20"}) for name in ("words", "answers"))
    read = pl.Synapse("read", equations="w : volt", on_pre="I_post += w")
    reading = pl.Projection(
        "reading", pre=readers, post=words, synapse=read, connect={"rule": "probability", "p": "int(i == group_post)"}, initial={"w": "150 mV"}
    )
    memory = pl.Projection(
        "memory", pre=words, post=answers, synapse=rule, connect={"rule": "probability", "p": 0.5}, delay="2 ms", initial={"w": 0.2}
    )
    answering = {"population": answers, "value": "group"}
    pairs = pl.Task(
        "pairs",
        "association",
        cue={"population": readers, "each": True, "variable": "drive", "amount": 1, "length": "2 ms"},
        outcome={**answering, "variable": "drive", "amount": "60 mV", "length": "10 ms"},
        responses=answering,
        pairs=[1, 2],
        delay="50 ms",
        inter_trial="500 ms",
    )
    practice = pl.Block("practice", "practice", task=pairs, duration="1 min")
    test = pl.Block("test", "test", task=pairs, state=pl.State("tested", freeze=[memory]), duration="1 min")
    wake = pl.Block("wake", "wake", clock="slow")
    dreaming = pl.State("dreaming", population={readers: {"dreams": "0.5 Hz"}}, projection={memory: {"eta": 0.0002}})
    night = pl.Block("night", "nrem", state=dreaming, sample="10 s of 10 min")
    evening, morning = wake.until("22:00") + practice + test + wake.until("23:00"), pl.day("24 h", test, wake.until("07:00"))
    groups = [
        pl.Group(name, subjects=subjects, programme=pl.day("24 h", evening, rest) + morning)
        for name, rest in (("sleep", night("8 h")), ("wake", wake.until("07:00")))
    ]
    times = {"se": ("sleep", 1), "sm": ("sleep", 2), "we": ("wake", 1), "wm": ("wake", 2)}
    row = pl.Row(
        "first-night",
        quantity="answers kept over the night, sleep less wake",
        unit="percent",
        kind="design",
        of="means",
        block=test,
        score="gain",
        with_={name: {"group": group, "day": day} for name, (group, day) in times.items()},
        value="100*(sm/se - wm/we)",
        low=20,
    )
    figure = pl.Figure("Answers in the evening and in the morning", by="days", block=test, score="gain", label="spikes per cell")
    weights = pl.Measure("weights", projection=memory, variable="w", from_={"value": "group"}, to={"value": "group"}, after=[test])
    return pl.Study(reading, memory, *groups, row, figure, weights, dt="1 ms", name="first-night")
