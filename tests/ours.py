"""The head of an overlay of a made-up province, and the places of its changes."""

OURS = """\
format: 1
id: ours
title: {zh: 本省要求, en: Our province}
document: 省〔2025〕1号
extends: cn-2017
"""
SOURCE = "{document: 省〔2025〕1号, part: 一, confidence: S}"
