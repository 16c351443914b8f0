"""Turn a benchmark's spec and a seed into images, factor tables and a data set card.

The doors of this package: `spec_files.find_spec` and `read_spec` give a `spec.Spec`,
`sources.load_sources` its glyphs, and `generator.Generator` renders both. `build.build` writes a
data set on disk, `verify.differences` compares one with the same data made again. A new pattern is
a subclass of `pattern.Pattern`. Importing the package loads none of them.
"""
