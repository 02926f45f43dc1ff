"""What ``make answers`` prints."""

import pandas as pd

from labeling_lab import answers
from tasks.config import FetchConfig
from tasks.pipeline import CATALOG, FETCH
from tasks.volume.runs import Volume

TITLES = pd.DataFrame(
    [(f"s{n}", f"Title {n}", f"Story {n}.") for n in range(5)],
    columns=["show_id", "title", "description"],
    dtype="str",
)


def test_it_says_what_was_recorded_what_not_and_what_to_do_next(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    file = tmp_path / "answered.csv"
    file.write_text("show_id,answer\ns1,family\ns2,maybe [/x]\ns3,\n")
    assert answers.main([str(file)]) == 1
    assert "make run" in capsys.readouterr().err.replace("\n", " ")
    with Volume(tmp_path).workspace("r1").write(FETCH, FetchConfig()) as out:
        out.write_table(CATALOG, TITLES)
    assert answers.main(["--by", "anna", str(file)]) == 0
    said = capsys.readouterr().out
    for text in (
        *(
            "1 answer by anna",
            "row 3 (s2): the answer is 'maybe [/x]'; expected one of: family, f,",
        ),
        *("1 title of the catalog of run r1", 'make run CONF=\'{"answers": "vote"}\''),
    ):
        assert text in said, said
    assert answers.main(["--by", "anna", str(tmp_path / "gone.csv")]) == 1
