"""What a report was made on, as a value."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Environment:
    """The interpreter and the parts of leakwatch that judged.

    Attributes:
        python: version, such as `3.13.0`.
        implementation: `CPython`, with what is special about the build.
        platform: system, machine and C library, such as `Linux x86_64, glibc 2.36`.
        leakwatch: version.
        heap_walk: `native` or `pure`.
        weak_containers: `native` or `pure`.
        plugins: version by name; empty for a plugin that no distribution installed.
    """

    python: str = ""
    implementation: str = ""
    platform: str = ""
    leakwatch: str = ""
    heap_walk: str = ""
    weak_containers: str = ""
    plugins: dict[str, str] = field(default_factory=dict)

    @property
    def interpreter(self) -> str:
        """`CPython 3.13.0 on Linux x86_64, glibc 2.36`."""
        return f"{self.implementation} {self.python} on {self.platform}"

    @property
    def tool(self) -> str:
        """`leakwatch 0.1.0, heap walk native, weak containers native`."""
        return (
            f"leakwatch {self.leakwatch}, heap walk {self.heap_walk}, "
            f"weak containers {self.weak_containers}"
        )

    @property
    def extensions(self) -> str:
        """The plugins with their versions."""
        return ", ".join(f"{name} {version}".rstrip() for name, version in self.plugins.items())
