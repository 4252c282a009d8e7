"""Writes expected.csv: statistics of fixed samples by scipy and statsmodels, against which plastica-report is tested.

python make.py > expected.csv
"""
import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower, TTestPower

A = [5.1, 6.2, 7.3, 6.0, 8.4, 5.9, 7.7, 6.6]
B = [4.0, 4.5, 5.0, 3.9, 6.1, 4.8, 5.5, 6.3]
C = [3.0, 4.2, 4.4, 5.2, 5.3, 4.9, 3.3, 4.1]
# With ties.
D = [1, 2, 2, 3, 5, 5, 6, 8]
E = [2, 3, 3, 4, 6, 7, 9, 9]


def rows():
    for t, df in [(0.0, 5), (2.5, 10), (1.1, 1), (8.0, 3.7), (-12.0, 40), (0.3, 400), (2.0, 1e5), (0.7, 3e5)]:
        yield f"student {t} {df}", 2 * stats.t.sf(abs(t), df)
    for p, df in [(0.05, 1), (0.05, 4), (0.01, 7.5), (0.32, 100)]:
        yield f"quantile {p} {df}", stats.t.isf(p / 2, df)
    for f, a, b in [(4.0, 2, 12), (0.2, 3, 5), (60.0, 1, 9), (2.5, 1.4, 22.4), (1.2, 40, 20000)]:
        yield f"f {f} {a} {b}", stats.f.sf(f, a, b)
    for z in [0.0, 1.0, -1.0, 5.0]:
        yield f"normal {z}", stats.norm.sf(z)
    welch = stats.ttest_ind(A, B, equal_var=False)
    yield "welch t", welch.statistic
    yield "welch df", welch.df
    yield "welch p", welch.pvalue
    paired = stats.ttest_rel(A, B)
    yield "paired t", paired.statistic
    yield "paired p", paired.pvalue
    one = stats.f_oneway(A, B, C)
    yield "anova f", one.statistic
    yield "anova p", one.pvalue
    from statsmodels.stats.anova import AnovaRM
    import pandas
    table = pandas.DataFrame([(s, c, x) for c, v in enumerate([A, B, C]) for s, x in enumerate(v)], columns=["s", "c", "x"])
    found = AnovaRM(table, "x", "s", within=["c"]).fit().anova_table.iloc[0]
    yield "repeated f", found["F Value"]
    yield "repeated p", found["Pr > F"]
    cov = np.cov(np.array([A, B, C]))
    h = np.eye(3) - 1 / 3
    s = h @ cov @ h
    eps = np.trace(s) ** 2 / (2 * (s * s).sum())
    yield "repeated epsilon", eps
    yield "repeated corrected", stats.f.sf(found["F Value"], eps * 2, eps * 14)
    u = stats.mannwhitneyu(A, B, method="exact")
    yield "mann u", u.statistic
    yield "mann p", u.pvalue
    u = stats.mannwhitneyu(D, E, method="asymptotic")
    yield "mann ties u", u.statistic
    yield "mann ties p", u.pvalue
    w = stats.wilcoxon(A, B, method="exact")
    yield "wilcoxon w", w.statistic
    yield "wilcoxon p", w.pvalue
    w = stats.wilcoxon(D, E, method="approx", correction=False)
    yield "wilcoxon ties w", w.statistic
    yield "wilcoxon ties p", w.pvalue
    for i, p in enumerate(multipletests([0.01, 0.04, 0.03, 0.005, 0.9], method="holm")[1]):
        yield f"holm {i}", p
    for d, n in [(0.5, 64), (1.78, 5), (0.2, 20), (0.0, 10), (-0.8, 12), (4.0, 30), (0.02, 40000), (0.005, 30000)]:
        yield f"power independent {d} {n}", TTestIndPower().power(d, n, 0.05)
    for d, n in [(0.5, 34), (1.0, 6), (0.1, 400)]:
        yield f"power paired {d} {n}", TTestPower().power(d, n, 0.05)
    r = stats.pearsonr(A, B)
    yield "pearson r", r.statistic
    yield "pearson p", r.pvalue
    ci = r.confidence_interval()
    yield "pearson low", ci.low
    yield "pearson high", ci.high
    s = stats.spearmanr(D, E)
    yield "spearman r", s.statistic
    yield "spearman p", s.pvalue
    n = len(A) + len(B)
    pooled = np.sqrt((7 * np.var(A, ddof=1) + 7 * np.var(B, ddof=1)) / 14)
    yield "hedges", (np.mean(A) - np.mean(B)) / pooled * (1 - 3 / (4 * (n - 2) - 1))
    ci = stats.t.interval(0.95, 7, np.mean(A), stats.sem(A))
    yield "interval low", ci[0]
    yield "interval high", ci[1]
    yield "quartile", np.quantile(A, 0.25)


print(f"# scipy {scipy.__version__}, statsmodels {statsmodels.__version__}, numpy {np.__version__}")
print("statistic,value")
for name, value in rows():
    print(f"{name},{value:.15g}")
