"""Where live market data come from: one file per kind of the `feed` family.

A kind says what is connected to and how; it holds no secret, only the name of the environment variable that has it. What
speaks the protocol is `runner.live.feed`.
"""
