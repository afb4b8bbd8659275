"""How figures leave lineitem: rows and line items in, bytes of other programs' formats out.

Everything here is pure but for the imports of optional libraries: what is written where is the surface's business.
Amounts stay whole nanodollars until they are written, and are written exactly.
"""
