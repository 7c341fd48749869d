import time, cProfile, pstats
from troth.web.probing import try_pages
def test_it(portal):
    p=cProfile.Profile(); p.enable()
    try_pages(portal.hall)
    p.disable(); pstats.Stats(p).sort_stats("cumulative").print_stats(70)
