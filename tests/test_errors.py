import inspect

from tasks import errors


def test_every_error_is_a_documented_lab_error_and_so_a_value_error_that_notebooks_may_catch():
    for name, error in inspect.getmembers(errors, inspect.isclass):
        assert issubclass(error, errors.LabError), name
        assert error.__doc__, name
    assert issubclass(errors.LabError, ValueError)
    assert issubclass(errors.ArtifactError, errors.VolumeError)
