import inspect

import pytest

from tasks import errors

CHILDREN = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c is not errors.LabError]


@pytest.mark.parametrize("error", CHILDREN, ids=lambda error: error.__name__)
def test_every_error_is_a_documented_lab_error(error):
    assert issubclass(error, errors.LabError)
    assert error.__doc__


def test_lab_errors_are_value_errors_so_that_notebooks_may_catch_them_as_such():
    assert issubclass(errors.LabError, ValueError)


def test_an_artifact_error_is_a_volume_error():
    with pytest.raises(errors.VolumeError, match="gone"):
        raise errors.ArtifactError("gone")
