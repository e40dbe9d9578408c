# stand-in: matplotlib 3.11.2
from tests.known_leaks import module, repeated

GCF = module(
    "matplotlib._pylab_helpers",
    """
    from collections import OrderedDict

    class Gcf:
        figs = OrderedDict()
    """,
)
PYPLOT = module(
    "matplotlib.pyplot",
    """
    from matplotlib._pylab_helpers import Gcf

    class Figure:
        pass

    class FigureManager:
        def __init__(self, figure):
            self.figure = figure

    def figure():
        made = Figure()
        Gcf.figs[len(Gcf.figs) + 1] = FigureManager(made)
        return made
    """,
)


def work():
    PYPLOT.figure()


repeated(work)
