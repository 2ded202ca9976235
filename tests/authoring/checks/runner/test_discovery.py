"""Which problems a check is about: what lies under the paths, and what differs from a revision of a real git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.authoring.checks.runner.discovery import changed_problems, content_hash, find_problems
from grader.core.errors import InputError

pytestmark = pytest.mark.process

BANK = {
    "bank/one": ["problem.yaml", "reference.py", "figures/a.png", "old/problem.yaml"],
    "bank/deep/er/two": ["problem.yaml"],
    "bank/größe 3": ["problem.yaml", "examples.yaml"],
    "bank/_draft": ["problem.yaml"],
    "bank/.hidden": ["problem.yaml"],
    "bank/notes": ["readme.md"],
    "empty": [],
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A bank, in the current folder."""
    for folder, names in BANK.items():
        (tmp_path / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / folder / name).parent.mkdir(exist_ok=True)
            (tmp_path / folder / name).write_text(f"{name}\n", encoding="utf-8")
    (tmp_path / "bank" / "linked").symlink_to(tmp_path / "bank" / "one")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ALL = ["bank/deep/er/two", "bank/größe 3", "bank/one"]
FOUND = {
    "a bank": (["bank"], ALL),
    "everything": (["."], ALL),
    "a problem": (["bank/one"], ["bank/one"]),
    "a folder between": (["bank/deep"], ["bank/deep/er/two"]),
    "a file stands for its problem": (["bank/größe 3/examples.yaml"], ["bank/größe 3"]),
    "the spec stands for its problem": (["bank/one/problem.yaml"], ["bank/one"]),
    "a file deep in its problem": (["bank/one/figures/a.png"], ["bank/one"]),
    "a file of no problem": (["bank/notes/readme.md"], []),
    "each once, in the order in which they are named": (["bank/one", "bank/größe 3/problem.yaml", "bank"], ["bank/one", "bank/größe 3", "bank/deep/er/two"]),
    "what is named is not passed over": (["bank/_draft", "bank/.hidden"], ["bank/_draft", "bank/.hidden"]),
    "a link that is named": (["bank/linked"], ["bank/linked"]),
    "nothing": ([], []),
}  # fmt: skip


@pytest.mark.parametrize(("paths", "expected"), FOUND.values(), ids=FOUND)
def test_what_is_found(root, paths, expected):
    assert [str(each) for each in find_problems(map(Path, paths))] == expected


def test_an_absolute_path_stays_absolute(root):
    assert find_problems([root / "bank" / "one"]) == [root / "bank" / "one"]


NOT_FOUND = {
    "misspelt": ("bank/won", "bank/won: there is no such file or folder; did you mean one?"),
    "misspelt, between": ("bnak/one", "bnak/one: there is no such file or folder"),
    "unlike anything": ("zebra", "zebra: there is no such file or folder"),
    "empty": ("empty", "empty: there is no problem here: no folder with a problem.yaml"),
    "files that are no problem": ("bank/notes", "bank/notes: there is no problem here: no folder with a problem.yaml"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "message"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_not_found(root, path, message):
    with pytest.raises(InputError) as caught:
        find_problems([Path("bank/one"), Path(path)])
    assert str(caught.value) == message


def git(*arguments):
    """Run git without anybody's settings."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": os.devnull}
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *who, *arguments], env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit():
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message=x")


@pytest.fixture
def repository(root):
    """The bank in a repository, with everything committed."""
    git("init", "--quiet")
    (root / ".gitignore").write_text("__pycache__/\n")
    commit()
    return root


def write(path, text="changed\n"):
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def committed():
    write("bank/one/problem.yaml")
    commit()


def staged():
    write("bank/one/problem.yaml")
    git("add", "bank/one/problem.yaml")


def staged_and_taken_back():
    staged()
    write("bank/one/problem.yaml", "problem.yaml\n")


def committed_and_taken_back():
    committed()
    write("bank/one/problem.yaml", "problem.yaml\n")


def moved():
    shutil.move("bank/one/figures/a.png", "bank/größe 3/a.png")
    commit()


def on_another_branch():
    """They went on, and so did we: what only they changed is not ours."""
    git("branch", "ours")
    write("bank/größe 3/problem.yaml")
    commit()
    git("branch", "theirs")
    git("checkout", "--quiet", "ours")
    write("bank/one/problem.yaml")
    commit()


CHANGES = {
    "nothing": (lambda: None, "HEAD", []),
    "unstaged": (lambda: write("bank/one/reference.py"), "HEAD", ["bank/one"]),
    "staged": (staged, "HEAD", ["bank/one"]),
    "staged, and taken back": (staged_and_taken_back, "HEAD", []),
    "committed": (committed, "HEAD~1", ["bank/one"]),
    "committed since": (committed, "HEAD", []),
    "committed, and taken back": (committed_and_taken_back, "HEAD~1", []),
    "untracked": (lambda: write("bank/größe 3/new.png"), "HEAD", ["bank/größe 3"]),
    "untracked in a new folder": (lambda: write("bank/one/new/a.png"), "HEAD", ["bank/one"]),
    "a new problem": (lambda: write("bank/four/problem.yaml"), "HEAD", ["bank/four"]),
    "ignored": (lambda: write("bank/one/__pycache__/a.pyc"), "HEAD", []),
    "deleted": (lambda: Path("bank/one/reference.py").unlink(), "HEAD", ["bank/one"]),
    "a problem deleted": (lambda: shutil.rmtree("bank/one"), "HEAD", []),
    "deep in a problem": (lambda: write("bank/one/figures/a.png"), "HEAD", ["bank/one"]),
    "a name that git would quote": (lambda: write("bank/größe 3/ü\n\".png"), "HEAD", ["bank/größe 3"]),
    "beside the problems": (lambda: write("bank/notes/readme.md"), "HEAD", []),
    "moved from one to another": (moved, "HEAD~1", ["bank/größe 3", "bank/one"]),
    "since a branch left another": (on_another_branch, "theirs", ["bank/one"]),
    "by a tag": (lambda: (git("tag", "v1"), committed()), "v1", ["bank/one"]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "revision", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_has_changed(repository, change, revision, expected):
    change()
    assert [str(each) for each in changed_problems(find_problems([Path()]), revision)] == expected


def test_from_a_folder_within_and_from_outside(repository, monkeypatch):
    write("bank/one/problem.yaml")
    monkeypatch.chdir("bank/deep")
    assert changed_problems(find_problems([Path("..")]), "HEAD") == [Path("../one")]
    monkeypatch.chdir("/")
    assert changed_problems(find_problems([repository]), "HEAD") == [repository / "bank" / "one"]


def test_somebody_s_settings_change_nothing(repository):
    git("config", "diff.renames", "copies")
    git("config", "diff.relative", "true")
    git("config", "color.ui", "always")
    moved()
    assert len(changed_problems(find_problems([Path()]), "HEAD~1")) == 2


@pytest.fixture
def hostile(repository, tmp_path_factory):
    """A problem's folder that is a repository itself, with a setting that runs a program, and what that program writes."""
    folder, mark = repository / "bank" / "one", tmp_path_factory.mktemp("mark") / "ran"
    git("-C", str(folder), "init", "--quiet")
    git("-C", str(folder), "-c", "user.name=A", "commit", "--quiet", "--allow-empty", "--message=x")
    for each in (folder / ".git").iterdir():
        each.rename(folder / each.name)
    (folder / ".git").rmdir()
    with (folder / "config").open("a") as config:
        config.write(f'[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = "touch {mark}; false"\n')
    return folder, mark


def test_no_program_of_a_repository_in_a_problem_s_folder_runs(hostile):
    folder, mark = hostile
    with pytest.raises(InputError) as caught:
        changed_problems(find_problems([Path()]), "HEAD")
    message = (
        "git would take this folder for a repository, whose settings may run programs; remove HEAD, objects and refs"
    )
    assert str(caught.value) == f"{folder}: {message}"
    assert not mark.exists()
    subprocess.run(["git", "status"], cwd=folder, capture_output=True, check=True)
    assert mark.exists()


def test_nor_of_the_repository_around_it(repository, tmp_path_factory):
    mark = tmp_path_factory.mktemp("mark") / "ran"
    git("config", "core.fsmonitor", f"touch {mark}; false")
    write("bank/one/problem.yaml")
    assert changed_problems(find_problems([Path()]), "HEAD") == [Path("bank/one")]
    assert not mark.exists()
    subprocess.run(["git", "status"], capture_output=True, check=True)
    assert mark.exists()


REFUSED = {
    "unknown": ("nowhere", "nowhere"),
    "empty": ("", ""),
    "unknown, with a line break": ("no\nwhere", "no"),
    "an option": ("--output=stolen", "'--output=stolen' is no revision"),
    "a short option": ("-S", "'-S' is no revision"),
    "a path": ("bank/one", "bank/one"),
}


@pytest.mark.parametrize(("revision", "message"), REFUSED.values(), ids=REFUSED)
def test_a_revision_that_is_none(repository, revision, message):
    with pytest.raises(InputError) as caught:
        changed_problems(find_problems([Path()]), revision)
    assert str(caught.value).startswith("--changed: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(repository.rglob("stolen"))


def test_no_repository(root):
    with pytest.raises(InputError, match="--changed: .*not a git repository"):
        changed_problems(find_problems([Path()]), "HEAD")


def test_no_git(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError) as caught:
        changed_problems(find_problems([Path()]), "HEAD")
    assert str(caught.value) == "--changed: git cannot be run: No such file or directory"


def test_the_hash_of_a_folder_moves_with_names_and_contents_alone(root):
    one = Path("bank/one")
    first = content_hash(one)
    os.utime(one / "problem.yaml", (1, 1))
    (one / "__pycache__").mkdir()
    (one / "__pycache__" / "reference.pyc").write_bytes(b"x")
    assert content_hash(one) == first
    (one / "reference.py").rename(one / "referense.py")
    assert content_hash(one) != first
