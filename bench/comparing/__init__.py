# SPDX-License-Identifier: MIT
"""The parts of bench/compare: who sends, what was noisy, what it amounts to."""
