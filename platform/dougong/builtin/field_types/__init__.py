"""one file each: text, integer, money, date, choice, lookup and their like"""
