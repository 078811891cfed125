"""Events: `event += handler`, `event.emit(...)`."""


class Event:
    def __init__(self, name=""):
        self.name = name
        self._handlers = []

    def __iadd__(self, handler):
        self._handlers.append(handler)
        return self

    def __isub__(self, handler):
        if handler in self._handlers:
            self._handlers.remove(handler)
        return self

    def connect(self, handler):
        self._handlers.append(handler)
        return self

    def emit(self, *args):
        for handler in list(self._handlers):
            handler(*args)

    def clear(self):
        self._handlers = []
