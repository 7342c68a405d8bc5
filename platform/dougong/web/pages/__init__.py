"""HTML screens: parse, call one service, present, render"""
