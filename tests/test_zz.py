import time
from tests.cast import tells_everything
def test_t(houses_of):
    made=houses_of("postgresql")
    made()
    for _ in range(4):
        t=time.perf_counter(); db=made._databases; m=made._models["postgresql", __import__("tests.houses").houses.MEMBER_TEXT]
        u=[db.copy(x) for x in m.urls]; print("copy", time.perf_counter()-t)
        t=time.perf_counter(); h=made(); print("make", time.perf_counter()-t)
        t=time.perf_counter(); tells_everything(h); print("tell", time.perf_counter()-t)
    t=time.perf_counter(); made.close(); print("close", time.perf_counter()-t)
    assert 1
