"""The one kind of error that users see."""


class RiftError(Exception):
    """Something a user can mend: the message says what, where and how.

    The command line prints the message alone, never a traceback.

    Parameters
    ----------
    problem
        What was found and what was expected, in plain words.
    where
        File, line, row or cell, as narrow as is known.
    remedy
        What to do about it.
    """

    def __init__(self, problem: str, *, where: object = None, remedy: str | None = None) -> None:
        self.problem = problem
        self.where = None if where is None else str(where)
        self.remedy = remedy
        super().__init__(self.__str__())

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n  -> {self.remedy}" if self.remedy else ""
        return f"{place}{self.problem}{advice}"
